const k: int = 2.5 // want "k must be an int, not 2.5"
model M() { graph g(x: [N, 4]) -> [N, 4] { x * k } }
