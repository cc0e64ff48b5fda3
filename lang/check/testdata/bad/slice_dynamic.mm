model M() {
  graph g(x: [N, 4], i: i32) -> [N, 2] { x[:, i : 4] } // want "a slice that starts at data needs a length that is a size"
}
