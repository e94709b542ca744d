#ifndef IO_FILE_WATCH_H
#define IO_FILE_WATCH_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Files that are to be read again when they change. Each is remembered as it was just before it was read: times of content and inode,
 * size, number. Links are followed, so a mounted secret whose link was moved on has changed. A change is told once all of the files rest
 * from one look to the next: who is at work on a file has first made it empty, and files that belong together change one after the other.
 * All zero is a watch of no files. One thread at a time.
 */
struct watched_file;
struct file_watch {
	struct watched_file *files;
	size_t count, cap;
};

enum file_news {
	FILES_SAME, /* all are as they were before they were read; one that was not there still is not */
	FILES_MOVING, /* changed, and since the last look once more */
	FILES_CHANGED, /* changed, and at rest */
};

/* Before the file is read. Copies the path; one that is known already is left as it was. */
void file_watch_add(struct file_watch *watch, const char *path);
enum file_news file_watch_look(struct file_watch *watch);
const char *file_watch_path(const struct file_watch *watch, size_t index); /* below `count` */
/* Empties it. */
void file_watch_done(struct file_watch *watch);

#endif
