# Says what the machine has; beside what is built for this machine it serves the tests.
add_library(kernels_isa SHARED native/portable/isa.cc ${CMAKE_JS_SRC})
set_target_properties(kernels_isa PROPERTIES PREFIX "" SUFFIX ".node")
target_include_directories(kernels_isa PRIVATE ${CMAKE_JS_INC})
target_link_libraries(kernels_isa PRIVATE ${CMAKE_JS_LIB})
target_compile_definitions(kernels_isa PRIVATE NAPI_VERSION=8)
target_compile_options(kernels_isa PRIVATE -Wall -Wextra -fno-exceptions -fno-rtti)
