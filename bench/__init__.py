"""What Orgward is measured by, each figure beside a yardstick of the same run."""
