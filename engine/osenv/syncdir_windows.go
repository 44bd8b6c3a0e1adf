package osenv

// syncDir does nothing: Windows has no such call, and NTFS keeps a journal of
// directory entries by itself.
func syncDir(string) error { return nil }
