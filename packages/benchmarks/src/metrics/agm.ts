/**
 * Accuracy gain per memory of learner A over learner B (Eq. 17; with test accuracies Eq. 18):
 * `(accuracyA - accuracyB) - ln(memoryA / memoryB)`. One point of accuracy weighs as much as a
 * factor e of memory.
 * @param accuracyA percentage points, as `accuracyB`.
 * @param memoryA any unit above zero, the same as that of `memoryB`.
 */
export function agm(
  accuracyA: number,
  memoryA: number,
  accuracyB: number,
  memoryB: number,
): number {
  return accuracyA - accuracyB - Math.log(memoryA / memoryB);
}
