block Heads(heads: int)(x: [B, T, D]) -> [B, T, D] where D % heads == 0 {
  rearrange(x, "b t (h d) -> b h t d", h: heads) |> rearrange("b h t d -> b t (h d)")
}
model M() {
  graph g(x: [B, T, D]) -> [B, T, D] { x |> a: Heads(4) } // want "Heads needs D % 4 == 0, which is not known here"
}
