"""How files of the drop zone are told apart, checked, unpacked and copied into the lake."""
