"""Reading and proving: snapshots, passports, archives, requests to witnesses, who may read what."""
