model M() {
  graph g(x: [N, 4], ids: i32[N, 4]) -> [N, 4] { x + ids } // want "f32\[N, 4\] and i32\[N, 4\] have different element types"
}
