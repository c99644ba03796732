#!/usr/bin/env bash
# All that there is to check of the CUDA kernels on a machine, in one go and under eight minutes:
# builds with what it finds, holds the kernels to their formulas on the CPU and on the GPU, measures
# their bandwidth beside a copy's and beside eager PyTorch, loads the addon in Node. What cannot be
# done here is said. One table comes last; the exit status is 0 where nothing failed.
set -uo pipefail
package="$(cd "$(dirname "$0")/.." && pwd)"
source="$package/native/device"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
failures=0
table="$work/table"
nvcc="${CUDACXX:-nvcc}"
python="${PYTHON:-python3}"

# say WHAT RESULT: a row of the table, printed at once too.
say() { printf '%s\t%s\n' "$1" "$2" >>"$table"; echo "== $1: $2"; }
fail() { failures=$((failures + 1)); say "$1" "FAILED: $2"; }
there() { command -v "$1" >/dev/null 2>&1; }

# All of it: what has not begun by then is not run.
deadline=470

# try SECONDS WHAT COMMAND...: runs a command; a row with the outcome.
try() {
  local limit="$1" what="$2" began=$SECONDS status=0
  shift 2
  if ((SECONDS + limit > deadline)); then limit=$((deadline - SECONDS)); fi
  if ((limit <= 0)); then
    fail "$what" "no time was left"
    return 1
  fi
  timeout "$limit" "$@" || status=$?
  if [[ $status == 0 ]]; then say "$what" "passed ($((SECONDS - began)) s)"
  elif [[ $status == 124 ]]; then fail "$what" "not done in $limit s"
  else fail "$what" "status $status"; fi
  return "$status"
}

# On the CPU: the same kernel bodies, index logic and order of sums.
host=("$source/host/launch.cc" "$source/host/runtime.cc")
if there "${CXX:-g++}"; then
  try 120 "build for the CPU" "${CXX:-g++}" -std=c++17 -O2 -pthread "$source/selftest/main.cc" \
    "${host[@]}" -o "$work/selftest_host" &&
    for device in 0 1; do
      try 60 "self-test on the CPU, grid $device" "$work/selftest_host" --most 20 --rounds 1 \
        --device "$device"
    done
else
  say "self-test on the CPU" "not run: there is no ${CXX:-g++}"
fi

gpu=none
if ! there "$nvcc"; then
  say "build for CUDA" "not run: there is no $nvcc"
else
  release="$("$nvcc" --version | sed -n 's/.*release \([0-9.]*\).*/\1/p')"
  flags=(-std=c++17 -O3 -Xcompiler -pthread -gencode arch=compute_80,code=sm_80
    -gencode arch=compute_90,code=sm_90 -gencode arch=compute_90,code=compute_90)
  try 180 "build for CUDA $release" "$nvcc" "${flags[@]}" --compiler-options -fPIC -lib \
    "$source/cuda/launch.cu" "$source/cuda/runtime.cc" -o "$work/libdevice.a" &&
    try 120 "build of the self-test" "$nvcc" -std=c++17 -O2 -Xcompiler -pthread \
      "$source/selftest/main.cc" "$work/libdevice.a" -o "$work/selftest" &&
    try 120 "build of the benchmark" "$nvcc" -std=c++17 -O2 -Xcompiler -pthread \
      "$source/bench/main.cc" "$work/libdevice.a" -o "$work/bench" &&
    {
      answer="$("$work/selftest" --most 5 --rounds 0 2>&1)"
      [[ $? != 2 ]] && gpu="$(sed -n 's/^device: //p' <<<"$answer")"
    }
fi

if [[ "$gpu" == none ]]; then
  say "GPU" "none that can be used (${answer:-no program was built to ask for one})"
  for what in "self-test on the GPU" "compute-sanitizer" "bandwidth" "eager PyTorch"; do
    say "$what" "not run"
  done
else
  say "GPU" "$gpu"
  try 60 "self-test on the GPU, lengths to 2^22" "$work/selftest" --most 22 --rounds 3
  try 200 "self-test on the GPU, lengths to 2^27" "$work/selftest" --most 27 --rounds 1 --seed 2
  if there compute-sanitizer; then
    for tool in memcheck racecheck; do
      try 45 "compute-sanitizer $tool" compute-sanitizer --tool "$tool" --error-exitcode 9 \
        "$work/selftest" --most 12 --rounds 0
    done
  else
    say "compute-sanitizer" "not run: there is none"
  fi
  bench() { "$work/bench" --least 20 --most 26 >"$work/bench.tsv"; }
  export -f bench
  export work
  try 60 "bandwidth, measured" bash -c bench
  if there "$python"; then
    timeout 60 "$python" "$package/scripts/torch-bench.py" 20 26 >"$work/torch.tsv"
    case $? in
      0) ;;
      3) say "eager PyTorch" "not run: $python has no PyTorch with a GPU" ;;
      *) fail "eager PyTorch" "it ended early" ;;
    esac
  else
    say "eager PyTorch" "not run: there is no $python"
  fi
  touch "$work/torch.tsv"
  awk -F'\t' '
    FILENAME == ARGV[1] { torch[$1, $2] = $3; next }
    {
      share = 100 * $4 / $5
      text = sprintf("%9.1f us  %5d GB/s  %3.0f %% of a copy", $3, $4, share)
      if (($1, $2) in torch) text = text sprintf("  %4.1f x PyTorch", torch[$1, $2] / $3)
      if ($2 >= 4194304 && share < 90) text = text "  (goal: 90 %)"
      slow = ($1, $2) in torch && torch[$1, $2] < 4 * $3
      if (slow && $1 ~ /^iterative/) text = text "  (goal: 4 x)"
      printf "%s, %d\t%s\n", $1, $2, text
    }' "$work/torch.tsv" "$work/bench.tsv" >>"$table"
fi

# In Node, through the package's own build.
if ! there node; then
  say "addons in Node" "not run: there is no node"
elif ! (cd "$package" && node -p 'require.resolve("cmake-js/package.json")') >/dev/null 2>&1; then
  say "addons in Node" "not run: the npm packages are not installed"
elif try 240 "build of the addons" node "$package/scripts/build-native.mjs"; then
  try 60 "addon of the CPU in Node" node "$package/scripts/gpu-check.mjs" kernels_host.node
  if [[ "$gpu" == none ]]; then say "addon of the GPU in Node" "not run"
  else
    try 60 "addon of the GPU in Node" node "$package/scripts/gpu-check.mjs" kernels_cuda.node
  fi
fi

echo
awk -F'\t' '{ printf "%-42s %s\n", $1, $2 }' "$table"
echo "$([[ $failures == 0 ]] && echo "Nothing failed" || echo "$failures failed") after $SECONDS s."
[[ $failures == 0 ]]
