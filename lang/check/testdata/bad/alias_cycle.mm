model A = B() // want "the alias [AB] leads to itself"
model B = A() // want "the alias [AB] leads to itself"
