model M() {
  graph g(ids: i32[N]) -> i32[N] { ids + 0.5 } // want "0.5 is not an i32"
}
