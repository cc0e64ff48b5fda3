model M() {
  graph g(x: [N, 4], k: i32) -> [N, 4] { zeros([k, 4]) } // want "t of zeros must be a type, not a list|t of zeros"
}
