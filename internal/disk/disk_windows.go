package disk

import (
	"fmt"

	"golang.org/x/sys/windows"
)

var fullErrors = []error{windows.ERROR_DISK_FULL, windows.ERROR_HANDLE_DISK_FULL, windows.ERROR_DISK_QUOTA_EXCEEDED}

// Free is how many bytes there is room for in a folder.
func Free(folder string) (free uint64, err error) {
	path, err := windows.UTF16PtrFromString(folder)
	if err == nil {
		err = windows.GetDiskFreeSpaceEx(path, &free, nil, nil)
	}
	if err != nil {
		return 0, fmt.Errorf("ask how much room there is: %w", err)
	}
	return free, nil
}
