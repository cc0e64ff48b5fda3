package rt

// addressIs64 is 0 where memory is smaller than an int could say.
const addressIs64 = 0
