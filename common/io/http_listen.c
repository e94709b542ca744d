#include "io/http_connection.h"

#include "base/fault.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

static bool listen_address(const struct conf_address *at, struct sockaddr_storage *ret, socklen_t *ret_len)
{
	struct sockaddr_in *four = (struct sockaddr_in *)ret;
	struct sockaddr_in6 *six = (struct sockaddr_in6 *)ret;

	memset(ret, 0, sizeof(*ret));
	if (uv_ip4_addr(at->host[0] != '\0' ? at->host : "0.0.0.0", at->port, four) == 0) {
		*ret_len = sizeof(*four);
		return true;
	}
	*ret_len = sizeof(*six);
	return uv_ip6_addr(at->host, at->port, six) == 0;
}

/* An own socket, since libuv 1.44 cannot be told SO_REUSEPORT. */
bool http_listen(const struct http_server_conf *conf, int *ret_fd, uint16_t *ret_port, struct err *err)
{
	struct sockaddr_storage address;
	socklen_t len;
	int on = 1, off = 0;

	if (!listen_address(&conf->listen, &address, &len))
		return err_set(err, ERR_BROKEN, 0, "not an address to listen on: %s", conf->listen.host);
	int fd = socket(address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return err_set(err, ERR_BROKEN, errno, "no socket: %s", strerror(errno));
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (address.ss_family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
	if (FAULT_ERRNO("server.bind", EADDRINUSE) ||
		(conf->share_port && setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on)) != 0) ||
		bind(fd, (struct sockaddr *)&address, len) != 0 ||
		getsockname(fd, (struct sockaddr *)&address, &len) != 0) {
		int code = errno;

		close(fd);
		return err_set(err, code == EADDRINUSE ? ERR_RETRY : ERR_BROKEN, code,
			"cannot listen on %s port %u: %s", conf->listen.host, conf->listen.port,
			strerror(code));
	}
	*ret_fd = fd;
	*ret_port = ntohs(((struct sockaddr_in *)&address)->sin_port); /* at the same place in sockaddr_in6 */
	return true;
}
