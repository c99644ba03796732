# One addon for each instruction set, each a file of its own: inline functions of the standard library
# that were compiled for AVX-512 can then never be linked into the one for older processors. Which
# one a processor can run says kernels_isa. The names are also those of src/instruction-set.ts.
# Links nothing that may be missing, or older, where the addon is loaded.
function(make_portable name)
  set_target_properties(${name} PROPERTIES CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON)
  target_compile_options(${name} PRIVATE -ffunction-sections -fdata-sections)
  if(CMAKE_SYSTEM_NAME STREQUAL "Linux")
    # libgcc's unwinder stays the system's: Node itself needs it, and the static one of a new GCC
    # asks for a new glibc.
    target_link_options(${name} PRIVATE -static-libstdc++ -Wl,--exclude-libs,ALL -Wl,--gc-sections
                                        -Wl,--as-needed -Wl,-z,noexecstack -s
                                        -Wl,--version-script=${CMAKE_CURRENT_SOURCE_DIR}/native/portable/exports.map)
    set_target_properties(${name} PROPERTIES LINK_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/native/portable/exports.map)
    target_sources(${name} PRIVATE native/portable/older_glibc.cc)
    # The linker would see calls to these only after it has compiled them to others.
    set_source_files_properties(native/portable/older_glibc.cc PROPERTIES COMPILE_OPTIONS -fno-builtin)
  elseif(APPLE)
    # The oldest system with a processor of this architecture.
    set_target_properties(${name} PROPERTIES OSX_DEPLOYMENT_TARGET 11.0)
    target_link_options(${name} PRIVATE -Wl,-dead_strip -Wl,-x)
  endif()
endfunction()

function(add_portable_addon instruction_set)
  add_cpu_addon(kernels_cpu-${instruction_set})
  target_compile_options(kernels_cpu-${instruction_set} PRIVATE ${ARGN})
  target_compile_definitions(kernels_cpu-${instruction_set} PRIVATE FERRET_CAPS_ONEDNN)
  make_portable(kernels_cpu-${instruction_set})
endfunction()

if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
  add_portable_addon(sse41 -msse4.1)
  add_portable_addon(avx2 -march=x86-64-v3)
  add_portable_addon(avx512 -march=x86-64-v4)
else()
  add_portable_addon(neon)
endif()

include(${CMAKE_CURRENT_LIST_DIR}/isa.cmake)
make_portable(kernels_isa)
