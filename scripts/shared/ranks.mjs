/** Spearman's rank correlation. */
export function spearman(left, right) {
  const [a, b] = [ranks(left), ranks(right)];
  const mean = (a.length - 1) / 2;
  const sum = (x, y) =>
    x.reduce((total, value, index) => total + (value - mean) * (y[index] - mean), 0);
  return sum(a, b) / Math.sqrt(sum(a, a) * sum(b, b));
}

/** Ranks from 0; those of equal values are their mean. */
function ranks(values) {
  return values.map((value) => {
    const smaller = values.filter((other) => other < value).length;
    const equal = values.filter((other) => other === value).length;
    return smaller + (equal - 1) / 2;
  });
}
