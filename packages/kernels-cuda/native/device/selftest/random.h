// Numbers that a seed decides.
#pragma once

#include <cstdint>

namespace ferret::selftest {

// SplitMix64 (Steele, Lea, Flood 2014).
class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}

  uint64_t Bits() {
    uint64_t z = (state_ += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }
  // In [0, 1).
  float Share() { return static_cast<float>(Bits() >> 40) * 0x1p-24f; }
  uint64_t Below(uint64_t bound) { return Bits() % bound; }

 private:
  uint64_t state_;
};

}  // namespace ferret::selftest
