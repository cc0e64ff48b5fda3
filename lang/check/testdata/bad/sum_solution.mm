fn halves(x: [2 * K]) -> [K] { x[:K] }
model M() { graph g(x: [7]) -> [3] { halves(x) } } // want "7 is not 2 \* K for any K"
