#include "devbroker/port.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { BACKLOG = 1024 };

static uint16_t wanted;
static int failed;

void port_want(uint16_t port)
{
	wanted = port;
}

int port_error(void)
{
	return failed;
}

/* A broker that was just stopped leaves its connections in TIME_WAIT, on the port that the next one wants. */
int bind(int fd, const struct sockaddr *address, socklen_t len)
{
	struct sockaddr_in own;
	int yes = 1;

	if (wanted != 0 && address->sa_family == AF_INET && len == sizeof(own)) {
		memcpy(&own, address, sizeof(own));
		if (own.sin_port == 0) {
			(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
			own.sin_port = htons(wanted);
			wanted = 0;
			address = (const struct sockaddr *)&own;
		}
	}
	int done = (int)syscall(SYS_bind, fd, address, len);
	if (done != 0)
		failed = errno;
	return done;
}

int listen(int fd, int backlog)
{
	return (int)syscall(SYS_listen, fd, backlog > BACKLOG ? backlog : BACKLOG);
}
