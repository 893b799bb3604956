"""The rules: one file each, in a folder a family; `index` is generated from them."""
