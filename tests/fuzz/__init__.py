"""Bad input by the thousand, made from good input by seed: what each command does with it, and what it may not do.

cd tests && python -m fuzz --minutes 10 [--only svg]
"""
