"""Teachers see how everyone watches, in aggregate."""
