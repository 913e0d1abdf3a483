# MCTrace on a bare Debian 12, set up by the same script as everywhere else:
#   docker build -t mctrace .
#   docker run -it -v "$PWD:/work" -w /work mctrace
FROM debian:12
COPY . /mctrace
RUN cd /mctrace && ./dev_setup.sh all && apt-get install -y \
        --no-install-recommends musl-tools && apt-get clean && \
    ln -s /mctrace/build/mctrace /usr/local/bin/mctrace
CMD ["bash"]
