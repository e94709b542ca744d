#ifndef DEVBROKER_PORT_H
#define DEVBROKER_PORT_H

#include <stdint.h>

/*
 * librdkafka's mock cluster listens on a random port of 127.0.0.1, with a backlog of 5. This program defines bind()
 * and listen() itself, and the library calls ours: the first socket bound to port 0 gets the wanted one.
 */
void port_want(uint16_t port);
int port_error(void); /* errno of the last bind that failed; 0: none */

#endif
