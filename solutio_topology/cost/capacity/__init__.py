"""Does it fit: what the nodes of each pool offer, what the pods of the manifests ask for, and where each can stand.

Demand comes from the manifests alone (`demand`), supply from the topology's pools and what is known of machine sizes
(`supply`, `nodes`). `place` brings them together and gives one of three answers: it fits, with a placement that shows
it; it does not, with the bound that proves it; or that could not be decided.
"""
