fn f(a: [...]) -> [...] { a * 2 } gradient(d) { sum(d, axes: [1]) } // want "the gradient of f for a must be \[N, 4\], not \[N\]"
model M() { graph g(x: [N, 4]) -> [N, 4] { f(x) } }
