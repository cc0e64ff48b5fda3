model M() {
  graph g(u: [N, 4]) -> [N, 4] { iota(4) + u } // want "i32\[4\] and f32\[N, 4\] have different element types"
}
