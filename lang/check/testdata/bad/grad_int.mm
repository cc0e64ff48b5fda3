model M() {
  graph g(i: i32[N]) -> i32[N] { grad(sum(i), i) } // want "grad works on float tensors, and this is i32"
}
