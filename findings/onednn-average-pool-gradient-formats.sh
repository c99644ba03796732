#!/usr/bin/env bash
# oneDNN 2.6.3 (Debian's libdnnl2): the gradient of average pooling, once with channels last and once in
# blocks of 8 channels, with kernels for AVX2 in both.
#
# Guess before the run: the same bits. Both are the library's kernel for AVX2, a value's gradient is the
# sum of at most nine shares whatever the format, and up to 16 channels they do agree.
#
# Seen: from 24 channels on many values differ in the last bits where windows overlap: 647 of 2,592 with
# 32 channels and windows of 3 x 3 at stride 1, 38 at stride 2, none at stride 3, where they touch. So a
# model cut in two, whose boundary is channels last, does not repeat the bits of the whole one. (A model
# that was cut there did not with 3.7.2 either.)
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
chmod 755 "$folder"
cd "$folder"
apt-get -qq -o APT::Sandbox::User=root download libdnnl2=2.6.3-1 libdnnl-dev=2.6.3-1
for package in *.deb; do dpkg-deb --extract "$package" .; done
libraries=$(dirname "$(find usr/lib -name 'libdnnl.so.2')")
cat > trial.cc <<'END'
#include <cmath>
#include <cstdio>
#include <cstring>
#include <vector>
#include "oneapi/dnnl/dnnl.hpp"
using namespace dnnl;
using Tag = memory::format_tag;

// Gradient of the means of 3 x 3 windows over 9 x 9 values, computed in a format, read in nhwc.
std::vector<float> Gradient(int channels, int stride, Tag format) {
  engine cpu(engine::kind::cpu, 0);
  stream line(cpu);
  const int side = (9 - 3) / stride + 1;
  const auto tensor = [&](int length, Tag tag) {
    return memory::desc({1, channels, length, length}, memory::data_type::f32, tag);
  };
  const auto mean = algorithm::pooling_avg_exclude_padding;
  const auto from = tensor(9, format), to = tensor(side, format);
  const memory::dims strides = {stride, stride}, window = {3, 3}, none = {0, 0};
  const pooling_forward::primitive_desc forward(
      {prop_kind::forward_training, mean, from, to, strides, window, none, none}, cpu);
  const pooling_backward::primitive_desc backward({mean, from, to, strides, window, none, none}, cpu,
                                                  forward);
  std::vector<float> given(side * side * channels), found(9 * 9 * channels);
  for (size_t i = 0; i < given.size(); ++i) given[i] = std::sin(1.7f * i + .3f);
  memory outer_given(tensor(side, Tag::nhwc), cpu, given.data());
  memory outer_found(tensor(9, Tag::nhwc), cpu, found.data());
  memory inner_given(to, cpu), inner_found(from, cpu);
  reorder(outer_given, inner_given).execute(line, outer_given, inner_given);
  pooling_backward(backward).execute(
      line, {{DNNL_ARG_DIFF_DST, inner_given}, {DNNL_ARG_DIFF_SRC, inner_found}});
  reorder(inner_found, outer_found).execute(line, inner_found, outer_found);
  line.wait();
  if (std::strcmp(backward.impl_info_str(), "jit:avx2") != 0) std::printf("not the kernel for AVX2: ");
  return found;
}

int main() {
  for (int channels : {8, 16, 32})
    for (int stride : {1, 2, 3}) {
      const auto last = Gradient(channels, stride, Tag::nhwc);
      const auto blocks = Gradient(channels, stride, Tag::nChw8c);
      int differ = 0;
      for (size_t i = 0; i < last.size(); ++i) differ += std::memcmp(&last[i], &blocks[i], 4) != 0;
      std::printf("%d channels, stride %d: %d of %zu\n", channels, stride, differ, last.size());
    }
}
END
g++ -O1 -std=c++17 -I usr/include -I "usr/include/$(basename "$libraries")" trial.cc \
  "$libraries/libdnnl.so.2" -o trial
LD_LIBRARY_PATH=$libraries DNNL_MAX_CPU_ISA=AVX2 ./trial | tee seen
diff seen - <<'END'
8 channels, stride 1: 0 of 648
8 channels, stride 2: 0 of 648
8 channels, stride 3: 0 of 648
16 channels, stride 1: 0 of 1296
16 channels, stride 2: 0 of 1296
16 channels, stride 3: 0 of 1296
32 channels, stride 1: 647 of 2592
32 channels, stride 2: 38 of 2592
32 channels, stride 3: 0 of 2592
END
