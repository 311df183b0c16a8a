"""The signed event: its token, its disclosures, the catalogue of kinds, keys and signers."""
