// Ticks of a logarithmic axis: multiples of powers of ten, as [value, whether it has a label].
const FEW_DECADES = 1.5;
const MANY_DECADES = 8;

export function powersBetween(low, high) {
  if (!(low > 0 && high > low)) return [];
  const decades = Math.log10(high / low);
  const named = decades < FEW_DECADES ? [1, 2, 5] : [1];
  const found = [];
  for (let power = Math.floor(Math.log10(low)); power <= Math.log10(high); power++) {
    for (let digit = 1; digit <= 9; digit++) {
      // Of many decades every second one has a label, and none has lines between.
      if (decades > MANY_DECADES && digit > 1) continue;
      const value = Number(`${digit}e${power}`);
      if (value < low || value > high) continue;
      found.push([value, named.includes(digit) && (decades <= MANY_DECADES || power % 2 === 0)]);
    }
  }
  return found;
}
