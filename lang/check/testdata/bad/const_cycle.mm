const a = b + 1 // want "constants are nested deeper than 256"
const b = a + 1
model M() { graph g(x: [N, 4]) -> [N, 4] { x * a } }
