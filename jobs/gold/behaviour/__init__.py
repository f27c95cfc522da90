"""Parts of gold.behaviour_clusters: features, k-means, the number of clusters, names."""
