// ddim.mm: a sampler is a graph too.
graph sample(noise: [N, 1, 28, 28] = normal(), sigmas: [S]) -> [N, 1, 28, 28] {
  scan now, next in sigmas[:-1], sigmas[1:] with x = noise { x = x + (next - now) * denoise(x, now) }
  x
}

// gpt.mm: a `cache` is a cell owned by a session and declared where it is used; `in decoding` switches it on for all that is called inside.
block CausalSelfAttention(heads: int, max_len: int)(x: [B, T, D], pos: dim = 0) -> [B, T, D] {
  q, k, v = x |> c_attn: Conv1D(3 * D) |> rearrange("b t (three h d) -> three b h t d", three: 3, h: heads) |> unstack(axis: 0)
  if decoding {
    cache past_k: [B, heads, max_len, D / heads]; cache past_v: [B, heads, max_len, D / heads]
    update past_k[:, :, pos : pos + T] = k
    update past_v[:, :, pos : pos + T] = v
    k = past_k[:, :, :pos + T]; v = past_v[:, :, :pos + T]
  }
  attend(q, k, v, causal: true, offset: pos) |> rearrange("b h t d -> b t (h d)") |> c_proj: Conv1D(D)
}
graph generate(prompt: i32[B, T], max_new: dim, eos: i32 = 50256, u: [max_new, B] = uniform()) -> i32[B, ?K <= max_new] {
  first = step(prompt, pos: 0)
  loop i in 0..max_new with last = first, done = false {
    t = sample_categorical(last, u[i])
    yield t
    last = step(t[:, new], pos: T + i)
    done = all(t == eos)
  } until done
}
