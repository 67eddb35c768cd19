"""Why somebody has access, what a role allows, and what stands between somebody and what was refused."""
