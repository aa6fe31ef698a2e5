package cardlink

import (
	"strings"

	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// maxEnding is the length of the longest ending that makes a file name.
const maxEnding = 5

// extensionClass returns the class of the file extension of a canonical path.
func extensionClass(path string) doxtrailv1.ExtensionClass {
	name := path[1+strings.LastIndexByte(path, '/'):]
	dot := strings.LastIndexByte(name, '.')
	if dot <= 0 || dot+1 == len(name) || len(name)-dot-1 > maxEnding {
		return doxtrailv1.ExtensionClass_EXTENSION_CLASS_NONE
	}
	return classOf(name[dot+1:])
}

// classOf returns the class of a file extension.
func classOf(ending string) doxtrailv1.ExtensionClass {
	switch strings.ToLower(ending) {
	case "html", "htm", "xhtml", "shtml", "php", "php3", "php4", "php5", "phtml", "asp", "aspx", "jsp", "jspx", "cgi",
		"cfm", "do", "amp", "mhtml":
		return doxtrailv1.ExtensionClass_EXTENSION_CLASS_PAGE
	case "jpg", "jpeg", "jpe", "jfif", "png", "gif", "webp", "avif", "bmp", "heic", "heif", "svg", "tif", "tiff":
		return doxtrailv1.ExtensionClass_EXTENSION_CLASS_IMAGE
	case "mp4", "m4v", "mov", "webm", "avi", "mkv", "flv", "wmv", "3gp", "ts", "m3u8", "mpg", "mpeg":
		return doxtrailv1.ExtensionClass_EXTENSION_CLASS_VIDEO
	case "pdf", "doc", "docx", "odt", "rtf", "txt", "csv", "tsv", "xls", "xlsx", "ods", "ppt", "pptx", "odp", "epub", "md":
		return doxtrailv1.ExtensionClass_EXTENSION_CLASS_DOCUMENT
	}
	return doxtrailv1.ExtensionClass_EXTENSION_CLASS_OTHER
}

// downloaded says whether a class is that of a file rather than a page.
func downloaded(class doxtrailv1.ExtensionClass) bool {
	switch class {
	case doxtrailv1.ExtensionClass_EXTENSION_CLASS_IMAGE,
		doxtrailv1.ExtensionClass_EXTENSION_CLASS_VIDEO,
		doxtrailv1.ExtensionClass_EXTENSION_CLASS_DOCUMENT:
		return true
	}
	return false
}
