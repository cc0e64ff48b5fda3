fn f(a: [...], b: [...]) -> [...] { a * b } gradient(d) { d * b } // want "the gradient of f has 1 values for 2 tensor arguments"
model M() { graph g(x: [N, 4]) -> [N, 4] { f(x, x) } }
