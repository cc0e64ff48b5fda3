// One kernel, for the test of the fences themselves.
model Fence() {
  graph double(x: [N]) -> [N] { x + x }
}
