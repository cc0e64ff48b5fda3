model M() {
  graph g(i: i32[N]) -> [N] { log(i) } // want "must be a float tensor, not i32"
}
