model M() {
  graph a(x: [N, D]) -> [N, D] {
    y = relu(x // want "this `\(` is never closed"
    z = x[:, 3 // want "this `\[` is never closed"
    y = split(x, [1, 2, axis: 1) // want "this `\[` is never closed"
    u = 3 3 // want "expected the end of the statement"
    z
  }
  graph c(x: [N]) -> [N] {
    w = relu(x)) // want "this `\)` closes nothing"
    v = x] // want "this `\]` closes nothing"
    x
  }
  graph b(x: [N, D] -> [N, D] { // want "this `\(` is never closed"
    x + // want "expected an expression after `\+`, found the end of the line"
  }
}
