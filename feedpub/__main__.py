"""Run the command line with `python -m feedpub`."""

from feedpub.cli.main import main

if __name__ == "__main__":
    main()
