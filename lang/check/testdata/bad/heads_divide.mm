block Heads(heads: int)(x: [B, T, D]) -> [B, T, D] where D % heads == 0 {
  rearrange(x, "b t (h d) -> b h t d", h: heads) |> rearrange("b h t d -> b t (h d)")
}
model M() {
  graph g(x: [B, T, 64]) -> [B, T, 64] { x |> a: Heads(7) } // want "Heads needs 64 % 7 == 0"
}
