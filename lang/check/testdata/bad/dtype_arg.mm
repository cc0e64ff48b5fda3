model M() {
  graph g(ids: i32[N, 4]) -> [N, 2] { ids |> fc: Linear(2) } // want "x of Linear must be \[..., D\], not i32\[N, 4\]: the element types differ"
}
