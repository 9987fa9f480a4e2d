"""The documentation as a site: pages of the repository, and pages that are written when it is built."""
