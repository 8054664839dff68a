// Starts GraphiQL over this server's own address, with its examples as the first tabs.
'use strict';

async function start() {
  const answer = await fetch('/graphiql/examples.json');
  if (!answer.ok) throw new Error(`The examples could not be loaded: ${answer.status}.`);
  const root = ReactDOM.createRoot(document.getElementById('graphiql'));
  root.render(
    React.createElement(GraphiQL, {
      fetcher: GraphiQL.createFetcher({ url: '/graphql' }),
      defaultTabs: await answer.json(),
      // Tokens stay out of the browser's storage.
      shouldPersistHeaders: false,
    }),
  );
}

start().catch((error) => {
  const text = document.createElement('p');
  text.textContent = `GraphiQL could not start. ${error.message}`;
  document.getElementById('graphiql').replaceChildren(text);
});
