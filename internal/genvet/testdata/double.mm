// One kernel, for a package to be spoiled.
model Double() {
  graph double(x: [N]) -> [N] { x + x }
}
