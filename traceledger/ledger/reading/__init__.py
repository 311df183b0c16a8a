"""Reading and proving: snapshots, passports, archives, witness requests and readers' rights."""
