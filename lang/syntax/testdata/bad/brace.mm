model M() {
  graph a(x: [N]) -> [N] { // want "this `\{` is never closed"
    if training {
      x = -x
    }
    x
  graph b(x: [N]) -> [N] {
    y = x +* 2 // want "expected an expression"
    y
  }
}
model N() {
  graph c(x: [N]) -> [N] {
    for i in 0..3 { // want "this `\{` is never closed"
      x = x * i
    x
  }
}
} // want "this `\}` closes nothing"
