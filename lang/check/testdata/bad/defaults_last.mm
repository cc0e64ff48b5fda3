fn f(x: [...], by: float = 1.0, scale: float) -> [...] { scale * x + by } // want "scale has no default, but by before it has one"
model M(a: int = 1, b: int) { // want "b has no default, but a before it has one"
  graph g(z: [N] = normal(), x: [N]) -> [N] { x + z }
}
