"""Lists of texts (products, publications) linked by the words that they share."""
