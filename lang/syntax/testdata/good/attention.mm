// attention.mm
block Attention(heads: int, causal: bool = false)
  (x: [B, T, D], context: [B, S, D] = x) -> [B, T, D] where D % heads == 0
{
  q = x       |> q_proj: Linear(D) |> rearrange("b t (h d) -> b h t d", h: heads)
  k = context |> k_proj: Linear(D) |> rearrange("b s (h d) -> b h s d", h: heads)
  v = context |> v_proj: Linear(D) |> rearrange("b s (h d) -> b h s d", h: heads)
  attend(q, k, v, causal: causal) |> rearrange("b h t d -> b t (h d)") |> out_proj: Linear(D)
}
